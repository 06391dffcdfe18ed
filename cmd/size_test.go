package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// The most that a function, a file, and a file with a verb may have, in lines, and a
// package, in percent of all lines. Tests are not counted.
const (
	mostOfFunction = 60
	mostOfFile     = 400
	mostOfVerb     = 150
	mostOfPackage  = 12
)

// TestHouseSizes keeps functions, files and packages small enough to be read.
func TestHouseSizes(t *testing.T) {
	t.Parallel()
	add := func(what string, size, most int) {
		if size > most {
			t.Errorf("%s has %d lines, and %d at most are allowed", what, size, most)
		}
	}
	all, packages := 0, map[string]int{}
	for file, src := range goSources(t) {
		lines := strings.Count(string(src), "\n")
		all += lines
		packages[path.Dir(file)] += lines
		add(file, lines, mostOfFile)
		if path.Dir(file) == "cmd" && file != "cmd/root.go" && strings.Contains(string(src), "&cobra.Command{") {
			add(file, lines, mostOfVerb)
		}
		for name, lines := range functions(t, file, src) {
			add(path.Dir(file)+":"+name, lines, mostOfFunction)
		}
	}
	for dir, lines := range packages {
		add(dir, lines, all*mostOfPackage/100)
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

// TestNoPatternAtStart keeps regular expressions out of every start of the program: they are
// compiled where they are first needed.
func TestNoPatternAtStart(t *testing.T) {
	t.Parallel()
	for file, src := range goSources(t, "cmd", "inspect", "replay") {
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if vars, ok := d.(*ast.GenDecl); ok && vars.Tok == token.VAR {
				ast.Inspect(vars, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "MustCompile" {
						t.Errorf("%s compiles a pattern at start", file)
					}
					_, later := n.(*ast.FuncLit)
					return !later
				})
			}
		}
	}
}
