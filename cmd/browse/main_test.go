package browse

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"asof/fixtures/testmain"
)

// TestMain finds goroutines that outlive the tests. The one that waits for signals is
// started before, because it never ends.
func TestMain(m *testing.M) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	signal.Stop(c)
	os.Exit(testmain.Run(m))
}
