@NullMarked
package dev.cider.broker.spring;

import org.jspecify.annotations.NullMarked;
