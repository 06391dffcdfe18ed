package js

import "asof/replay/spawn"

// Within runs f, which is to fold under the limits that it is given, and returns
// its error. When one of its scripts is stuck, Within returns that error and
// leaves f to itself: it runs on until the script's operation ends, so its caller
// must not use what f uses any more. A host that lives longer than one question
// asks each of them within it.
func Within(l Limits, f func(Limits) error) error {
	stuck, done := make(chan error, 1), make(chan error, 1)
	l.Stuck = func(err error) {
		select {
		case stuck <- err:
		default: // another script of f was stuck before
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
