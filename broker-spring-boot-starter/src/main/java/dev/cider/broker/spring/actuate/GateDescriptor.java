package dev.cider.broker.spring.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.GateSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * What endpoints wait for, as an operator sees it.
 *
 * @param name its name
 * @param open whether it was last seen open
 * @param shut why and since when it was shut, in words; {@code null} if it was open
 * @param waiting how many endpoints wait for it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record GateDescriptor(String name, boolean open, @Nullable String shut, int waiting) {

	static GateDescriptor of(GateSnapshot gate) {
		return new GateDescriptor(gate.name(), gate.open(), gate.shut(), gate.waiting());
	}

}
