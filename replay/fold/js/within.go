package js

import (
	"fmt"
	"runtime/debug"
)

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
	crashed := make(chan string, 1)
	go func() {
		defer func() {
			if x := recover(); x != nil {
				crashed <- fmt.Sprintf("%v\n%s", x, debug.Stack())
			}
		}()
		done <- f(l)
	}()
	select {
	case err := <-done:
		return err
	case err := <-stuck:
		return err
	case x := <-crashed:
		panic(x)
	}
}
