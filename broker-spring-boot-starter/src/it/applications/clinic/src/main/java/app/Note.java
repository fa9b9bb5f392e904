package app;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

/**
 * What an endpoint leaves in the database.
 */
@Entity
@Table(name = "notes")
class Note {

	@Id
	@GeneratedValue(strategy = GenerationType.IDENTITY)
	private Integer id;

	private String text;

	protected Note() {
	}

	Note(String text) {
		this.text = text;
	}

}
