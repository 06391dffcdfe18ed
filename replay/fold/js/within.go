package js

import (
	"fmt"
	"runtime/debug"
)

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
