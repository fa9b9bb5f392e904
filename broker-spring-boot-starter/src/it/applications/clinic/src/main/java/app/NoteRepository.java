package app;

import org.springframework.data.repository.Repository;

interface NoteRepository extends Repository<Note, Integer> {

	void save(Note note);

}
