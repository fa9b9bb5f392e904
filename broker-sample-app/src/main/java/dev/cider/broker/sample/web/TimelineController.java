package dev.cider.broker.sample.web;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Shows how the states of the endpoints have changed.
 */
@RestController
class TimelineController {

	private final Timeline timeline;

	TimelineController(Timeline timeline) {
		this.timeline = timeline;
	}

	@GetMapping("/sample/timeline")
	Timeline.View timeline(@RequestParam(defaultValue = "0") long after) {
		return this.timeline.after(after);
	}

}
