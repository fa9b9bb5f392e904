@NullMarked
package dev.cider.broker.sample;

import org.jspecify.annotations.NullMarked;
