// Package spawn starts goroutines whose panics reach the goroutine that waits for them.
// A panic in a bare goroutine ends the process, past every recover of its caller.
package spawn
