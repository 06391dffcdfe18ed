package spawn

import (
	"bytes"
	"errors"
	"testing"
)

// crashOf runs f and returns the Crash that it panics with.
func crashOf(f func()) (c *Crash) {
	defer func() { c, _ = recover().(*Crash) }()
	f()
	return nil
}

func TestGroupPassesOnAPanic(t *testing.T) {
	var g Group
	stopped := make(chan struct{})
	g.Stop = func() { close(stopped) }
	cause := errors.New("no disk")
	g.Go(func() { <-stopped })
	g.Go(func() { failOn(cause) })
	c := crashOf(g.Wait)
	if c == nil || c.Value != any(cause) || !bytes.Contains(c.Stack, []byte("failOn")) {
		t.Errorf("Wait panics with %v", c)
	}
}

//go:noinline
func failOn(err error) { panic(err) }

func TestGroupWaitsForAll(t *testing.T) {
	var g Group
	n := 0
	g.Go(func() { n++ })
	if c := crashOf(g.Wait); c != nil || n != 1 {
		t.Errorf("Wait panics with %v after %d runs", c, n)
	}
}

func TestGoKeepsTheFirstStack(t *testing.T) {
	outer := make(chan *Crash, 1)
	Go(func() {
		inner := make(chan *Crash, 1)
		Go(func() { failOn(errors.New("no disk")) }, func(c *Crash) { inner <- c })
		panic(<-inner)
	}, func(c *Crash) { outer <- c })
	if c := <-outer; !bytes.Contains(c.Stack, []byte("failOn")) {
		t.Errorf("the stack of the first panic is lost: %v", c)
	}
}
