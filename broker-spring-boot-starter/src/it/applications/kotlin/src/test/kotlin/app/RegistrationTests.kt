package app

import dev.cider.broker.Broker
import dev.cider.broker.ContextualEndpointFactory
import dev.cider.broker.Endpoint
import dev.cider.broker.EndpointContext
import dev.cider.broker.EndpointFactory
import dev.cider.broker.EndpointOptions
import java.time.Duration
import java.util.concurrent.CountDownLatch
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatIllegalArgumentException
import org.junit.jupiter.api.Test

/**
 * Each way to write a factory in Kotlin compiles, which is half of the test, and reaches
 * the method that Broker.registerEndpointFactory says.
 */
class RegistrationTests {

    /** Only a contextual factory may have it, so it shows which method was reached. */
    private val heartbeat = EndpointOptions.builder().heartbeatTimeout(Duration.ofMinutes(1)).build()

    private val broker = Broker.create()

    @Test
    fun aLambdaIsAContextualFactory() {
        broker.registerEndpointFactory("ignores its context", { Feed() }, heartbeat)
        broker.registerEndpointFactory("names its context", { c -> Feed(c) }, heartbeat)
        broker.registerEndpointFactory("types its context", { c: EndpointContext -> Feed(c) }, heartbeat)
        broker.registerEndpointFactory("uses it", { Feed(it) }, heartbeat)
        broker.registerEndpointFactory("refers to a function", ::feedOf, heartbeat)
        broker.registerEndpointFactory("trails") { Feed() }
        broker.registerEndpointFactory("trails and names its context") { c -> Feed(c) }
        assertThat(broker.endpoints()).hasSize(7)
    }

    @Test
    fun aFactoryIsWhatItSays() {
        broker.registerEndpointFactory("contextual", ContextualEndpointFactory { Feed(it) }, heartbeat)
        broker.registerEndpointFactory("contextual class", FeedsOf(), heartbeat)
        broker.registerEndpointFactory("plain", EndpointFactory { Feed() })
        broker.registerEndpointFactory("plain reference", EndpointFactory(::feed))
        broker.registerEndpointFactory("plain class", Feeds())
        assertThatIllegalArgumentException().isThrownBy {
            broker.registerEndpointFactory("plain with a heartbeat", EndpointFactory { Feed() }, heartbeat)
        }
        assertThat(broker.endpoints()).hasSize(5)
    }

    @Test
    fun itServes() {
        val served = CountDownLatch(2)
        broker.registerEndpointFactory("plain", EndpointFactory { Feed(served = served) })
        broker.registerEndpointFactory("contextual", { c -> Feed(c, served) }, EndpointOptions.defaults())
        broker.listenAndServe()
        assertThat(broker.await(Duration.ofMinutes(1))).isTrue()
        assertThat(served.count).isZero()
    }

    private fun feed(): Endpoint = Feed()

    private fun feedOf(context: EndpointContext): Endpoint = Feed(context)

    private class Feed(private val context: EndpointContext? = null, private val served: CountDownLatch? = null) :
        Endpoint {

        override fun listenAndServe() {
            context?.ready()
            served?.countDown()
        }

        override fun close() = Unit
    }

    private class Feeds : EndpointFactory {
        override fun create(): Endpoint = Feed()
    }

    private class FeedsOf : ContextualEndpointFactory {
        override fun create(context: EndpointContext): Endpoint = Feed(context)
    }
}
