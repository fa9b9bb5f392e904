/**
 * Supervises long-running endpoints inside one JVM: {@link dev.cider.broker.Broker} is
 * the place to start, {@link dev.cider.broker.Endpoint} the contract for what is
 * supervised. Depends on {@link dev.cider.broker.restart} and on nothing that uses it.
 * <p>
 * The types form nine layers. {@code ArchitectureTests} lists them, and what each may
 * know of the ones below:
 * <ol>
 * <li>Report: what is told of an endpoint and of a broker. Values and exceptions.
 * <li>Contract: what an application implements or is given.
 * <li>Time: clocks, timers and the thread that fires them.
 * <li>Threads: where threads come from, what they inherit, and how many threads share one
 * queue without waiting.
 * <li>Crash: what is read of a Throwable, and which crashes are remembered.
 * <li>Machine: decides what each signal means. It knows no thread, lock, clock or log.
 * <li>Monitors: tell the log and the application's monitors, each on its own thread.
 * <li>Supervision: carries out what the machine decides, and calls the endpoints.
 * <li>Broker: all endpoints together, and a broker as an endpoint.
 * </ol>
 */
@NullMarked
package dev.cider.broker;

import org.jspecify.annotations.NullMarked;
