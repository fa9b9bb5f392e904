package dev.cider.broker.engines;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;

import dev.cider.broker.EndpointContext;
import dev.cider.broker.spring.Supervised;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Listens to the notifications of a PostgreSQL server.
 */
@Component
class OrderListener {

	private final String database;

	private final Consumer<String> orders;

	OrderListener(@Value("${orders.database}") String database, Consumer<String> orders) {
		this.database = database;
		this.orders = orders;
	}

	@Supervised
	void listen(EndpointContext context) throws SQLException {
		try (Connection connection = DriverManager.getConnection(this.database);
				Statement statement = connection.createStatement()) {
			statement.execute("LISTEN orders");
			context.ready();
			while (!Thread.interrupted()) {
				for (PGNotification order : connection.unwrap(PGConnection.class).getNotifications(1000)) {
					this.orders.accept(order.getParameter());
				}
				if (!connection.isValid(5)) {
					throw new SQLException("the server does not answer");
				}
			}
		}
	}

}
