package state

import (
	"fmt"
	"os"
	"reflect"
	"testing"

	"asof/fixtures/testmain"
)

// TestMain holds the rest that nodes share to being read only.
func TestMain(m *testing.M) {
	code := testmain.Run(m)
	if !reflect.ValueOf(*nothing).IsZero() {
		fmt.Println("the rest of nodes that have none was written:", *nothing)
		code = 1
	}
	os.Exit(code)
}
