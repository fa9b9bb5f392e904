package app;

import java.util.concurrent.CompletableFuture;

import org.springframework.scheduling.annotation.Async;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.stereotype.Service;

@Service
class Clerk {

	@PreAuthorize("hasRole('SYSTEM')")
	public String stamp(String order) {
		return order + " stamped";
	}

	@Async
	public CompletableFuture<String> file(String order) {
		return CompletableFuture.completedFuture(order + " filed on " + Thread.currentThread().getName());
	}

}
