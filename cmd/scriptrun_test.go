package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asof/fixtures/testmain"
)

// withProgram are the tests with the program in the folder of foldcmd, so that scripts
// and what they run find it.
type withProgram struct{ *testing.M }

func (m withProgram) Run() int {
	folds, err := exec.LookPath("foldcmd")
	if err != nil {
		panic(err)
	}
	program := filepath.Join(filepath.Dir(folds), "asof"+filepath.Ext(folds))
	if err := os.Link(folds, program); err != nil {
		panic(err)
	}
	return testmain.Run(m.M)
}

// verbsKey is the key of the verbs that a script has run as processes.
type verbsKey struct{}

// runsInProcess reports whether a line of a script runs in the process of the tests.
// Starting a process twice, with its guard, takes longer than most answers. The first
// line of each script is a process, and so are the first of the verb that the script is
// named after, and one that reads standard input or sets limits for scripts. A script sets
// OWN_PROCESS where lines end their process, or where it matters how a process sees its
// folder.
func runsInProcess(ts *testscript.TestScript, args []string) bool {
	if slices.Contains(args, "-") || ts.Getenv("ASOF_TEST_LIMITS") != "" || ts.Getenv("OWN_PROCESS") != "" {
		return false
	}
	verb := ""
	if len(args) > 0 {
		verb = args[0]
	}
	ran := ts.Value(verbsKey{}).(map[string]bool)
	first := len(ran) == 0 || !ran[verb] && strings.HasPrefix(ts.Name(), verb)
	ran[verb] = true
	return !first
}

// runCommand runs a command of a script and returns its exit code.
func runCommand(ts *testscript.TestScript, name string, args []string) int {
	if name == "asof" && runsInProcess(ts, args) {
		return Run(context.Background(), args, IO{
			In: strings.NewReader(""), Out: ts.Stdout(), Err: ts.Stderr(), Dir: ts.MkAbs("."),
			Env: ts.Getenv, Now: time.Now, Terminal: terminalSize, Height: terminalHeight,
			Exit: func(code int) { panic(fmt.Sprintf("exit %d", code)) },
		})
	}
	err := ts.Exec(name, args...)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	ts.Check(err)
	return 0
}

func cmdAsof(ts *testscript.TestScript, neg bool, args []string) {
	if !neg && slices.Equal(args, []string{"demo"}) && ts.Name() != "demo" && ts.Getenv("OWN_PROCESS") == "" {
		ts.Check(copyDemo(ts.MkAbs("."))) // most scripts begin with it, and none reads what it prints
		return
	}
	if code := runCommand(ts, "asof", args); (code != 0) != neg {
		ts.Fatalf("exit code %d", code)
	}
}
