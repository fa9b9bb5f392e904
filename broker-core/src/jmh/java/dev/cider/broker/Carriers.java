package dev.cider.broker;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Restarts and storms on one carrier thread, beside those on all: on JDK 25 a virtual
 * thread that starts another one always offers it to another carrier, so a chain of fresh
 * threads stays where it is in one process and changes the carrier at each step in
 * another. Each sample has a process of its own, and all samples are shown, not only
 * their median.
 */
final class Carriers {

	private static final Pattern FIGURE = Pattern
		.compile("\\{\"name\":\"([^\"]+)\",\"n\":(\\d+),\"ours\":([-.\\dE]+),\"floor\":([-.\\dE]+),\"ratio\":[^,]*,"
				+ "\"unit\":\"([^\"]+)\"");

	private static final int STORM = 100_000;

	private final int processes;

	Carriers(int processes) {
		this.processes = processes;
	}

	/** In a process of its own. */
	static void sample() {
		new Restarts(1, ThreadKind.VIRTUAL).measureThroughput();
		new Growth(STORM, 1, ThreadKind.VIRTUAL).measureStorm();
	}

	void measure() {
		for (int carriers : new int[] { 1, Runtime.getRuntime().availableProcessors() }) {
			Map<String, List<MatchResult>> samples = new LinkedHashMap<>();
			for (int i = 0; i < this.processes; i++) {
				FIGURE.matcher(sampleOn(carriers))
					.results()
					.forEach((figure) -> samples.computeIfAbsent(figure.group(1), (name) -> new ArrayList<>())
						.add(figure));
			}
			samples.forEach((name, figures) -> print(name, carriers, figures));
		}
	}

	private static void print(String name, int carriers, List<MatchResult> figures) {
		double[] ours = column(figures, 3);
		double[] floor = column(figures, 4);
		new Figure().text("name", name + "-by-process")
			.number("n", Double.parseDouble(figures.get(0).group(2)))
			.number("carriers", carriers)
			.number("ours", Rounds.median(ours))
			.number("floor", Rounds.median(floor))
			.number("ratio", Rounds.median(ours) / Rounds.median(floor))
			.text("unit", figures.get(0).group(5))
			.text("floorIs", "fresh")
			.numbers("oursEach", ours)
			.numbers("floorEach", floor)
			.print();
	}

	private static double[] column(List<MatchResult> figures, int group) {
		return figures.stream().mapToDouble((figure) -> Double.parseDouble(figure.group(group))).toArray();
	}

	private static String sampleOn(int carriers) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
		command.add("-Djdk.virtualThreadScheduler.parallelism=" + carriers);
		command.add("-Djdk.virtualThreadScheduler.maxPoolSize=" + carriers);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), Scale.class.getName(), "--sample"));
		try {
			Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
			return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException failed) {
			throw new Snag("no process for a sample: " + failed);
		}
	}

}
