package dev.cider.broker.spring.actuate;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.JsonPath;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.actuate.Http.Answer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code /actuator/broker} where writes are allowed, over a real connection.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "server.address=127.0.0.1", "management.endpoints.web.exposure.include=broker,health",
				"management.endpoint.broker.access=unrestricted", "broker.restart.mode=never",
				"broker.endpoints.idle.auto-start=false", "broker.endpoints.tcp.base-config=server",
				"broker.endpoints.tcp.restart.mode=never",
				"broker.endpoints.tcp.restart.fatal-exceptions=java.net.BindException",
				"broker.endpoints.tcp.restart.allowed-consecutive-errors=unlimited",
				"management.endpoint.health.show-details=always",
				"management.endpoint.health.group.readiness.include=readinessState,broker/tcp",
				"broker.restart.fatal-exceptions=java.net.BindException",
				"broker.restart.allowed-consecutive-errors=unlimited" })
@DirtiesContext(classMode = ClassMode.BEFORE_EACH_TEST_METHOD)
class BrokerEndpointHttpTests {

	@LocalServerPort
	private int port;

	@Autowired
	private BrokerOperations operations;

	@Autowired
	private BrokerLifecycle lifecycle;

	@Autowired
	private ScriptedFactory tcp;

	private Http http = new Http(0);

	@BeforeEach
	void tcpServes() {
		this.http = new Http(this.port);
		ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.SERVING);
	}

	private void drop() {
		this.tcp.crash(this.operations, "tcp", new IllegalStateException("boom", new RuntimeException("inner")));
		ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.DROPPED);
	}

	@Test
	void getShowsTheBrokerAndAllEndpointsAndLeavesOutWhatIsAbsent() {
		Answer answer = this.http.get("/broker");
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.body()).startsWith("{\"state\":\"SERVING\",\"states\":{\"REGISTERED\":1,\"SERVING\":1},")
			.contains("\"endpoints\":{\"tcp\":{");
		Map<String, Object> tcp = answer.json("$.endpoints.tcp");
		assertThat(tcp).containsEntry("state", "SERVING")
			.containsEntry("incarnation", 1)
			.containsEntry("starts", 1)
			.containsEntry("restarts", 0)
			.containsEntry("crashes", 0)
			.containsEntry("drops", 0)
			.containsEntry("consecutiveErrors", 0)
			.containsEntry("abandoned", 0)
			.containsOnlyKeys("state", "since", "incarnation", "starts", "restarts", "crashes", "drops",
					"consecutiveErrors", "abandoned");
		assertThat(Instant.parse(answer.json("$.endpoints.tcp.since"))).isBefore(Instant.now().plusSeconds(1));
		assertThat(answer.<String>json("$.endpoints.tcp.since")).endsWith("Z");
		assertThat(answer.<String>json("$.endpoints.idle.state")).isEqualTo("REGISTERED");
		assertThat(answer.body()).doesNotContain("null").doesNotContain("policy");
	}

	@Test
	void aCrashIsShownWithoutItsMessageAndWithoutAStackTrace() {
		drop();
		Answer answer = this.http.get("/broker");
		Map<String, Object> crash = answer.json("$.endpoints.tcp.lastCrash");
		assertThat(crash).containsEntry("incarnation", 1)
			.containsEntry("phase", "SERVE")
			.containsEntry("type", "java.lang.IllegalStateException")
			.containsEntry("message", "******")
			.containsEntry("dropped", true)
			.containsOnlyKeys("incarnation", "phase", "at", "served", "type", "message", "dropped", "decision");
		assertThat(Duration.parse(answer.json("$.endpoints.tcp.lastCrash.served"))).isPositive();
		assertThat(answer.<String>json("$.endpoints.tcp.lastCrash.at")).endsWith("Z");
		assertThat(answer.<String>json("$.endpoints.tcp.lastDecision")).contains("NEVER")
			.isEqualTo(answer.json("$.endpoints.tcp.lastCrash.decision"));
		assertThat(answer.body()).doesNotContain("boom", "inner", "at dev.cider");
	}

	@Test
	void oneEndpointIsShownWithPolicyOptionsAndHistory() {
		drop();
		Answer answer = this.http.get("/broker/tcp");
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.<String>json("$.state")).isEqualTo("DROPPED");
		assertThat(answer.<Map<String, Object>>json("$.policy")).containsEntry("mode", "NEVER")
			.containsEntry("allowedConsecutiveErrors", "unlimited")
			.containsEntry("errorWindow", "PT1S")
			.containsEntry("delay", "PT0.2S")
			.containsEntry("multiplier", 2.0)
			.containsEntry("maxDelay", "PT30S")
			.containsEntry("jitter", "PT0.05S")
			.containsEntry("fatalExceptions", List.of("java.net.BindException"));
		assertThat(answer.<Map<String, Object>>json("$.options")).containsEntry("closeTimeout", "PT20S")
			.containsEntry("autoStart", true)
			.containsEntry("explicitReady", false)
			.containsEntry("replaceAbandoned", true)
			.containsEntry("critical", true)
			.containsEntry("healthDownWhen", "DROPPED")
			.containsEntry("onDrop", "NONE")
			.containsEntry("baseConfig", "server");
		assertThat(this.http.get("/broker/idle").<Map<String, Object>>json("$.options"))
			.doesNotContainKey("baseConfig");
		assertThat(answer.<List<Object>>json("$.history")).hasSize(1);
		assertThat(answer.<String>json("$.history[0].message")).isEqualTo("******");
		assertThat(answer.<Object>json("$.history[0]")).isEqualTo(answer.json("$.lastCrash"));
	}

	@Test
	void anEndpointWithoutCrashesHasAnEmptyHistory() {
		assertThat(this.http.get("/broker/tcp").<List<Object>>json("$.history")).isEmpty();
	}

	@Test
	void theStatesAskedForAreShownInTheirOrderAndTheTotalsAreOfAllEndpoints() {
		assertThat(shown("/broker?state=REGISTERED,SERVING")).containsExactly("idle", "tcp");
		assertThat(shown("/broker?state=serving&state=Registered")).containsExactly("tcp", "idle");
		Answer answer = this.http.get("/broker?state=SERVING");
		assertThat(shown("/broker?state=SERVING")).containsExactly("tcp");
		assertThat(answer.<Map<String, Object>>json("$.states")).isEqualTo(Map.of("REGISTERED", 1, "SERVING", 1));
		assertThat(shown("/broker?state=DROPPED")).isEmpty();
	}

	@Test
	void aLimitSaysHowManyEndpointsItHasOmitted() {
		Answer answer = this.http.get("/broker?limit=1");
		assertThat(shown("/broker?limit=1")).containsExactly("tcp");
		assertThat(answer.<Integer>json("$.omitted")).isEqualTo(1);
		assertThat(this.http.get("/broker?limit=0").<Integer>json("$.omitted")).isEqualTo(2);
		assertThat(this.http.get("/broker?limit=2").body()).doesNotContain("omitted");
		assertThat(this.http.get("/broker?limit=1&state=SERVING").body()).doesNotContain("omitted");
	}

	@Test
	void idsAreFoundByAPartOfThem() {
		assertThat(shown("/broker?contains=DL")).containsExactly("idle");
		assertThat(shown("/broker?contains=")).containsExactly("tcp", "idle");
		assertThat(shown("/broker?contains=dl&state=SERVING")).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "state=DEAD | Unknown state 'DEAD'", "state= | Unknown state ''",
					"state=SERVING, | Unknown state ''", "limit=-1 | Invalid value '-1'",
					"limit=many | Invalid value 'many'", "limit=1&limit=2 | Invalid value '1,2'" })
	void aWrongParameterIsABadRequestThatNamesItsValueAndTheRule(String query, String reason) {
		Answer answer = this.http.get("/broker?" + query);
		assertThat(answer.status()).isEqualTo(400);
		assertThat(answer.<String>json("$.error")).startsWith(reason)
			.contains("parameter '" + query.substring(0, query.indexOf('=')) + "'");
	}

	private List<String> shown(String path) {
		return List.copyOf(this.http.get(path).<Map<String, Object>>json("$.endpoints").keySet());
	}

	@Test
	void anEndpointThatMakesHealthDownSaysSo() {
		assertThat(this.http.get("/broker").<String>json("$.health")).isEqualTo("UP");
		drop();
		Answer answer = this.http.get("/broker");
		assertThat(answer.<String>json("$.health")).isEqualTo("DOWN");
		assertThat(answer.<String>json("$.endpoints.tcp.health")).isEqualTo("DOWN");
		assertThat(answer.<Map<String, Object>>json("$.endpoints.idle")).doesNotContainKey("health");
		assertThat(this.http.get("/broker?limit=0").<String>json("$.health")).isEqualTo("DOWN");
		assertThat(this.http.get("/broker/tcp").<String>json("$.health")).isEqualTo("DOWN");
	}

	@Test
	void anUnknownIdIsNotFound() {
		Answer answer = this.http.get("/broker/udp");
		assertThat(answer.status()).isEqualTo(404);
		assertThat(answer.<String>json("$.error")).contains("'udp'");
		assertThat(this.http.post("/broker/udp", "{\"action\":\"start\"}").status()).isEqualTo(404);
	}

	@Test
	void postStopsStartsAndRestarts() {
		Answer stopped = this.http.post("/broker/tcp", "{\"action\":\"stop\"}");
		assertThat(stopped.status()).isEqualTo(200);
		assertThat(stopped.<Map<String, Object>>json("$")).containsKeys("state", "policy", "options", "history");
		ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.STOPPED);
		assertThat(this.http.post("/broker/tcp", "{\"action\":\"start\"}").status()).isEqualTo(200);
		ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.SERVING);
		assertThat(this.http.post("/broker/tcp", "{\"action\":\"restart\"}").status()).isEqualTo(200);
		ScriptedFactory.await(() -> this.operations.endpoint("tcp").restarts() == 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"action\":\"explode\"}", "{\"action\":\"START\"}", "{\"action\":\"\"}", "{}" })
	void anUnknownActionIsABadRequestThatNamesActionStateAndWhatIsAllowed(String body) {
		Answer answer = this.http.post("/broker/tcp", body);
		assertThat(answer.status()).isEqualTo(400);
		assertThat(answer.<String>json("$.error")).contains("SERVING", "start, stop and restart")
			.contains(body.equals("{}") ? "No action" : "'" + JsonPath.read(body, "$.action") + "'");
		assertThat(answer.<Map<String, Object>>json("$")).containsOnlyKeys("error");
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"action\":", "not json", "{\"action\":{\"deep\":1}}" })
	void brokenJsonIsABadRequest(String body) {
		assertThat(this.http.post("/broker/tcp", body).status()).isEqualTo(400);
	}

	/** A page of another origin can make a browser send these, and no JSON. */
	@ParameterizedTest
	@CsvSource({ "''", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x" })
	void aFormOfAForeignPageOperatesNothing(String type) {
		assertThat(this.http.postForm("/broker/tcp", type, "{\"action\":\"stop\"}").status()).isEqualTo(415);
		assertThat(this.http.postForm("/broker/tcp?action=stop", type, "").status()).isEqualTo(415);
		assertThat(this.operations.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void aStartOfAServingEndpointIsAConflictThatNamesActionStateAndWhatIsAllowed() {
		Answer answer = this.http.post("/broker/tcp", "{\"action\":\"start\"}");
		assertThat(answer.status()).isEqualTo(409);
		assertThat(answer.<String>json("$.error")).contains("'start'", "'tcp'", "SERVING", "STOPPED", "DROPPED");
	}

	@Test
	void whilePausedTheViewsAnswerAndWritesAreConflicts() {
		this.lifecycle.stop();
		Answer answer = this.http.get("/broker");
		assertThat(answer.<String>json("$.state")).isEqualTo("TERMINATED");
		assertThat(answer.<Map<String, Object>>json("$.states")).isEqualTo(Map.of("STOPPED", 2));
		assertThat(answer.<String>json("$.endpoints.tcp.state")).isEqualTo("STOPPED");
		Answer refused = this.http.post("/broker/tcp", "{\"action\":\"restart\"}");
		assertThat(refused.status()).isEqualTo(409);
		assertThat(refused.<String>json("$.error")).contains("'restart'", "TERMINATED", "SERVING");
	}

	@Test
	void aDroppedEndpointMakesHealthDownOverHttpToo() {
		assertThat(this.http.get("/health").status()).isEqualTo(200);
		drop();
		Answer answer = this.http.get("/health");
		assertThat(answer.status()).isEqualTo(503);
		assertThat(answer.<String>json("$.components.broker.status")).isEqualTo("DOWN");
		assertThat(answer.<String>json("$.components.broker.components.tcp.details.state")).isEqualTo("DROPPED");
		assertThat(this.http.get("/health/liveness").status()).isEqualTo(200);
	}

	@Test
	void eachEndpointHasAHealthOfItsOwnThatAGroupCanInclude() {
		assertThat(this.http.get("/health/broker/tcp").status()).isEqualTo(200);
		assertThat(this.http.get("/health/readiness").status()).isEqualTo(200);
		drop();
		Answer answer = this.http.get("/health/broker/tcp");
		assertThat(answer.status()).isEqualTo(503);
		assertThat(answer.<String>json("$.status")).isEqualTo("DOWN");
		assertThat(answer.<String>json("$.details.state")).isEqualTo("DROPPED");
		assertThat(this.http.get("/health/broker").status()).isEqualTo(503);
		assertThat(this.http.get("/health/broker/idle").status()).isEqualTo(200);
		assertThat(this.http.get("/health/broker/udp").status()).isEqualTo(404);
		Answer readiness = this.http.get("/health/readiness");
		assertThat(readiness.status()).isEqualTo(503);
		assertThat(readiness.<Map<String, Object>>json("$.components.broker.components")).containsOnlyKeys("tcp");
	}

}
