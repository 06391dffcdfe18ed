package replay

import (
	"os"
	"testing"

	"asof/fixtures/leak"
)

// TestMain finds goroutines that outlive the tests.
func TestMain(m *testing.M) { os.Exit(leak.Run(m)) }
