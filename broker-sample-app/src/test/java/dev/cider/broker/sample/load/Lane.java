package dev.cider.broker.sample.load;

/**
 * Who speaks what.
 *
 * @param caller how the caller comes
 * @param provider how the provider comes
 */
record Lane(Carrier caller, Carrier provider) {

	@Override
	public String toString() {
		return (this.caller == this.provider) ? this.caller.id() : this.caller.id() + " to " + this.provider.id();
	}

	boolean has(Variant variant) {
		return variant.provided || this.caller == this.provider;
	}

}
