package js

import "asof/replay/spawn"

// Within runs f, which must fold under the limits it gets, and returns its error.
// If a script is stuck, Within returns an error that says so and abandons f, which
// runs on until the script's operation ends: the caller must no longer use what f
// uses. A host that outlives a single question runs each question in Within.
func Within(l Limits, f func(Limits) error) error {
	stuck, done := make(chan error, 1), make(chan error, 1)
	l.Stuck = func(err error) {
		select {
		case stuck <- err:
		default: // another script of f is stuck
		}
	}
	crashed := make(chan *spawn.Crash, 1)
	spawn.Go(func() { done <- f(l) }, func(c *spawn.Crash) { crashed <- c })
	select {
	case err := <-done:
		return err
	case err := <-stuck:
		return err
	case c := <-crashed:
		panic(c)
	}
}
