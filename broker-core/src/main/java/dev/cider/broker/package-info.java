@NullMarked
package dev.cider.broker;

import org.jspecify.annotations.NullMarked;
