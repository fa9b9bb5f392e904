package app;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.Scope;

/**
 * What Spring Cloud has for settings that change: a bean lives until the next refresh.
 */
class RefreshScope implements Scope {

	private final Map<String, Object> beans = new HashMap<>();

	private final List<Runnable> destructions = new ArrayList<>();

	void refresh() {
		List<Runnable> ending;
		synchronized (this) {
			ending = List.copyOf(this.destructions);
			this.destructions.clear();
			this.beans.clear();
		}
		ending.forEach(Runnable::run);
	}

	@Override
	public synchronized Object get(String name, ObjectFactory<?> factory) {
		Object bean = this.beans.get(name);
		if (bean == null) {
			bean = factory.getObject();
			this.beans.put(name, bean);
		}
		return bean;
	}

	@Override
	public synchronized Object remove(String name) {
		return this.beans.remove(name);
	}

	@Override
	public synchronized void registerDestructionCallback(String name, Runnable callback) {
		this.destructions.add(callback);
	}

}
