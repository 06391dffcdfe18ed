package browse

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"asof/fixtures/testmain"
)

// TestMain finds goroutines that outlive the tests. The one that waits for signals is
// started before, because it never ends. The reader of a terminal is left to itself: if a
// program is killed, Bubble Tea closes what its reader waits on, and the reader may not
// notice. So is what waits for the next look at the store, which ends within seconds.
func TestMain(m *testing.M) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	signal.Stop(c)
	os.Exit(testmain.Run(m, "bubbletea/v2.(*Program).readLoop(", "ultraviolet.(*TerminalReader).streamData(",
		"bubbletea/v2.Tick.func1(", "bubbletea/v2.(*Program).execBatchMsg("))
}
