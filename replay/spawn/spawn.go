package spawn

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// A Crash is a panic in another goroutine. The goroutine that waits for it panics with
// the Crash.
type Crash struct {
	Value any    // value of the panic
	Stack []byte // stack of the goroutine that panicked
}

// String returns the value and the stack.
func (c *Crash) String() string { return fmt.Sprintf("%v\n%s", c.Value, c.Stack) }

// Go runs f in a goroutine. If f panics, that goroutine calls crashed.
func Go(f func(), crashed func(*Crash)) {
	go func() {
		if c := catch(f); c != nil {
			crashed(c)
		}
	}()
}

// A Group is a set of goroutines. One caller waits for all of them.
type Group struct {
	// Stop asks the other goroutines to end after one has panicked. It may be nil.
	Stop func()

	running sync.WaitGroup
	first   sync.Once
	crash   *Crash
}

// Go runs f in a goroutine of the group.
func (g *Group) Go(f func()) {
	g.running.Go(func() {
		c := catch(f)
		if c == nil {
			return
		}
		g.first.Do(func() { g.crash = c })
		if g.Stop != nil {
			g.Stop()
		}
	})
}

// Wait returns when every goroutine of the group has ended. It panics with the first
// [Crash] if there is one.
func (g *Group) Wait() {
	g.running.Wait()
	if g.crash != nil {
		panic(g.crash)
	}
}

// catch runs f and returns its panic. If f panics with a Crash, it keeps that stack.
func catch(f func()) (c *Crash) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *Crash:
			c = x
		default:
			c = &Crash{Value: x, Stack: debug.Stack()}
		}
	}()
	f()
	return nil
}
