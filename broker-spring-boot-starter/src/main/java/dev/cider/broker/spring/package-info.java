/**
 * The types that applications use: {@link dev.cider.broker.spring.Supervised}, the
 * lifecycle, the events and the customizers. Depends on broker-core and Spring only, and
 * on no other package of the starter.
 */
@NullMarked
package dev.cider.broker.spring;

import org.jspecify.annotations.NullMarked;
