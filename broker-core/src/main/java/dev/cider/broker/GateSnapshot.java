package dev.cider.broker;

import org.jspecify.annotations.Nullable;

/**
 * A gate as the broker last saw it. While no endpoint waits for it nobody asks it, so it
 * may have changed since.
 *
 * @param name its name, as the options of an endpoint name it first
 * @param open whether it was open
 * @param shut why and since when it was shut, in words; {@code null} if it was open
 * @param waiting how many endpoints wait to be admitted and have this gate
 */
public record GateSnapshot(String name, boolean open, @Nullable String shut, int waiting) {
}
