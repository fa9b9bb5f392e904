package app;

import java.util.Optional;

import org.springframework.data.repository.Repository;

interface VetRepository extends Repository<Vet, Integer> {

	Optional<Vet> findByLastName(String lastName);

}
