package app;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What the endpoint needs: behind it are a repository, and beans without a definition.
 */
@Service
class Desk {

	private final VetRepository vets;

	private final NoteRepository notes;

	private final Greeter greeter;

	Desk(VetRepository vets, NoteRepository notes, Greeter greeter) {
		this.vets = vets;
		this.notes = notes;
		this.greeter = greeter;
	}

	@Transactional(readOnly = true)
	public String ask(String lastName) {
		return this.vets.findByLastName(lastName).map(Vet::name).map(this.greeter::greet).orElse("nobody");
	}

	@Transactional
	public void note(String text) {
		this.notes.save(new Note(text));
	}

}
