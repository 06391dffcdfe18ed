package bounds

import (
	"os"
	"testing"

	"asof/fixtures/testmain"
)

// TestMain prepares the tests, and finds goroutines that outlive them.
func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }
