package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"
)

// The most that a function and a file may have, in lines, and a package, in percent of
// all lines. Tests are not counted.
const (
	mostOfFunction = 60
	mostOfFile     = 400
	mostOfPackage  = 12
)

// tooLarge names what may be larger for now: packages, files, and functions as
// FOLDER:NAME. It has to be empty once the packages are where they belong.
var tooLarge []string

// TestHouseSizes keeps functions, files and packages small enough to be read.
func TestHouseSizes(t *testing.T) {
	t.Parallel()
	var found []string
	add := func(what string, size, most int) {
		if size <= most {
			return
		}
		found = append(found, what)
		if !slices.Contains(tooLarge, what) {
			t.Errorf("%s has %d lines, and %d at most are allowed", what, size, most)
		}
	}
	all, packages := 0, map[string]int{}
	for file, src := range goSources(t) {
		lines := strings.Count(string(src), "\n")
		all += lines
		packages[path.Dir(file)] += lines
		add(file, lines, mostOfFile)
		for name, lines := range functions(t, file, src) {
			add(path.Dir(file)+":"+name, lines, mostOfFunction)
		}
	}
	for dir, lines := range packages {
		add(dir, lines, all*mostOfPackage/100)
	}
	for _, what := range tooLarge {
		if !slices.Contains(found, what) {
			t.Errorf("%s is small enough: take it off the list", what)
		}
	}
}

// functions gives the lines of each function of a file, from its first to its last.
func functions(t *testing.T, name string, src []byte) map[string]int {
	t.Helper()
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, name, src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]int{}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			all[fn.Name.Name] = max(all[fn.Name.Name], set.Position(fn.End()).Line-set.Position(fn.Pos()).Line+1)
		}
	}
	return all
}
