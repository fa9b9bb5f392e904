/**
 * The tests of the supervisor. They lie in the package of the classes that they test, as
 * most of those are package-private.
 * <p>
 * <b>Start here:</b> {@link dev.cider.broker.ServingTests}. A test of one behaviour needs
 * four parts: a {@code Puppet} is an endpoint that does what the test tells it to, a
 * {@code RecordingMonitor} remembers what it is told, {@code ManualTime} fires timers
 * when the test says so, and {@code Waiting} waits for other threads. The name of a test
 * begins with the promise that it checks: {@code g6…} for G6 of {@code PROMISES.md}.
 * <p>
 * Four families search for mistakes that nobody thought of. The names of their parts
 * begin with the family. Start at the test, then read from left to right:
 *
 * <pre>
 * start here        drives              checks              prints
 * ---------------   -----------------   -----------------   --------------------------
 * SimulationTests   SimulatedWorld      BrokerOracle        SimulationCounterexample:
 *  the machine      SimulatedBroker     EndpointOracle,      the seed, and the shortest
 *  alone, in        SimulatedEndpoint    whose notes begin   SimulationStory that still
 *  virtual time     SimulationTime       with Oracle         breaks the promise
 *
 * MutantTests       Mutant, made by     that the            after how many steps each
 *  does the         MutantTamper: a      simulation fails    mutant dies, and of which
 *  simulation       SimulatedMachine     with the promise    promise
 *  notice a         with one mistake     that it breaks
 *  mistake?
 *
 * PlayedWorldTests  PlayedWorld         PlayedEndpoint      the seed, which plays the
 *  a real broker,   PlayedTurns: one                         same interleaving again;
 *  one thread        thread runs at                          a Tally of what occurred
 *  at a time         a time
 *                   PlayedTime
 *
 * ChaosTests        ChaosLife           ChaosBooks          ChaosRecord: the seed and
 *  a real broker,   ChaosBroker         ChaosMonitor         what happened in one life;
 *  threads run      ChaosEndpoint       ChaosReader          a Tally of all lives
 *  freely           ChaosOperator       Leftovers
 * </pre>
 *
 * {@code AdmissionsSimulationTests} and {@code GroupSimulationTests} do for the
 * admissions what {@code SimulationTests} does for the machine. {@code OtpGroupTests}
 * compares groups with Erlang's supervisors.
 * <p>
 * {@link dev.cider.broker.InterleavingTests} are not random: they explore every
 * interleaving of two or three threads, memory access by memory access, in each class
 * that threads share.
 */
@NullMarked
package dev.cider.broker;

import org.jspecify.annotations.NullMarked;
