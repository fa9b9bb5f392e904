package app;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.validation.constraints.NotBlank;

/**
 * A row of the database.
 */
@Entity
@Table(name = "vets")
class Vet {

	@Id
	private Integer id;

	@NotBlank
	private String firstName;

	@NotBlank
	private String lastName;

	String name() {
		return this.firstName + " " + this.lastName;
	}

}
