/**
 * What the page at {@code /} asks for, and the rules for whoever talks HTTP to the
 * sample. Knows the broker and the exchange, but no transport.
 */
@NullMarked
package dev.cider.broker.sample.web;

import org.jspecify.annotations.NullMarked;
