package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRaceList checks that .ci/run looks for data races in every package that starts
// goroutines, and that the tests of each fail if they leave one running.
func TestRaceList(t *testing.T) {
	t.Parallel()
	run, err := os.ReadFile("../.ci/run")
	if err != nil {
		t.Fatal(err)
	}
	raced := regexp.MustCompile(`(?m)^go test -race .*$`).FindAllString(string(run), -1)
	listed := strings.Fields(strings.ReplaceAll(strings.Join(raced, " "), "./", ""))
	checked := map[string]bool{}
	for file, src := range testSources(t) {
		if strings.Contains(string(src), "testmain.Run(") {
			checked[path.Dir(file)] = true
		}
	}
	start := map[string]bool{}
	for file, src := range goSources(t) {
		dir := path.Dir(file)
		if strings.HasPrefix(file, "testdata/") || start[dir] {
			continue
		}
		if start[dir] = startsGoroutine(t, file, src); !start[dir] {
			continue
		}
		if !slices.Contains(listed, dir) {
			t.Errorf("%s starts goroutines: .ci/run has to test it with -race", dir)
		}
		if !checked[dir] {
			t.Errorf("%s starts goroutines: its TestMain has to look for those that are left, see testmain.Run", dir)
		}
	}
	if len(start) < 20 || !start["replay"] || !start["replay/spawn"] {
		t.Errorf("goroutines are found in %v", start)
	}
}

// testSources are the files of tests, by name.
func testSources(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	for _, file := range projectFiles(t) {
		if !strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile("../" + file)
		if err != nil && !os.IsNotExist(err) { // it may be deleted and not committed yet
			t.Fatal(err)
		}
		all[file] = src
	}
	return all
}

// TestTemporaryFilesAreInMemory checks that tests that write files do so in memory where there
// is room, which takes a fortieth of the time.
func TestTemporaryFilesAreInMemory(t *testing.T) {
	t.Parallel()
	writes, prepared := map[string]bool{}, map[string]bool{}
	for file, src := range testSources(t) {
		dir := path.Dir(file)
		writes[dir] = writes[dir] || regexp.MustCompile(`\.(TempDir|MkdirTemp|CreateTemp)\(`).Match(src)
		prepared[dir] = prepared[dir] || regexp.MustCompile(`testmain\.(Run|Prepare)\(`).Match(src)
	}
	for dir := range writes {
		if writes[dir] && !prepared[dir] {
			t.Errorf("the tests of %s write files: their TestMain has to call testmain.Run", dir)
		}
	}
	if !writes["cmd"] || !writes["inspect/materialize/folder"] {
		t.Errorf("files are written in %v", writes)
	}
}

// startsGoroutine reports whether a file has a go statement, or a call of a method or
// function named Go with a function.
func startsGoroutine(t *testing.T, name string, src []byte) (starts bool) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			starts = true
		case *ast.CallExpr:
			s, ok := n.Fun.(*ast.SelectorExpr)
			starts = starts || ok && s.Sel.Name == "Go" && len(n.Args) > 0
		}
		return !starts
	})
	return starts
}
