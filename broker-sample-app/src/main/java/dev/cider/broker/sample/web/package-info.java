/**
 * The data of the page at {@code /}, and the filters of all HTTP requests. Depends on the
 * broker, the exchange and the feed, but on no transport.
 */
@NullMarked
package dev.cider.broker.sample.web;

import org.jspecify.annotations.NullMarked;
