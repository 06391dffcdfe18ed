package sqlitefile_test

import (
	"os"
	"testing"

	"asof/fixtures/testmain"
)

func TestMain(m *testing.M) { os.Exit(testmain.Run(m)) }
