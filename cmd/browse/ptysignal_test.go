//go:build unix

package browse_test

import (
	"os"
	"syscall"
	"testing"
)

// signalResize tells the process that its terminal has another size: a terminal only tells
// the processes that it controls.
func signalResize(t *testing.T, p *os.Process) {
	t.Helper()
	if err := p.Signal(syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
}
