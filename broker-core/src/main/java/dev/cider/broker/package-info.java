/**
 * Supervises long-running endpoints inside one JVM: {@link dev.cider.broker.Broker} is
 * the place to start, {@link dev.cider.broker.Endpoint} the contract for what is
 * supervised. Depends on {@link dev.cider.broker.restart}, but not on Spring or on any
 * other module of this project.
 * <p>
 * The types form eleven layers, the lowest first. {@code ArchitectureTests} checks on
 * which lower layers each may depend:
 * <ol>
 * <li>Shortage: waits until there is memory.
 * <li>Report: values and exceptions that describe an endpoint or a broker to the
 * application.
 * <li>Contract: what an application implements or is given.
 * <li>Time: clocks, timers and the thread that fires them.
 * <li>Threads: creation of threads, what they inherit, and a queue that many threads use
 * without blocking.
 * <li>Crash: what the broker reads from a Throwable, and the crash history.
 * <li>Machine: decides what each signal means. It knows no thread, lock, clock or log.
 * <li>Admission: decides which endpoints may launch now. It knows no thread, lock, clock
 * or log either.
 * <li>Monitors: tell the log and the application's monitors, each on its own thread.
 * <li>Supervision: carries out what the machine decides, and calls the endpoints.
 * <li>Broker: all endpoints together, and a broker as an endpoint.
 * </ol>
 */
@NullMarked
package dev.cider.broker;

import org.jspecify.annotations.NullMarked;
