package cmd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// belowCmd parses the files of the packages below cmd, without their tests.
func belowCmd(t *testing.T, each func(path string, fset *token.FileSet, f *ast.File)) {
	t.Helper()
	for _, root := range []string{"replay", "inspect", "fixtures"} {
		err := filepath.WalkDir("../"+root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, path, nil, 0)
			if err == nil {
				each(filepath.ToSlash(strings.TrimPrefix(path, "../")), fset, f)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// methodOf returns the type that a function is a method of, and the function's results
// as they are written.
func methodOf(fn *ast.FuncDecl) (typ, result string) {
	if fn.Recv == nil || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
		return "", ""
	}
	of := fn.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if id, ok := of.(*ast.Ident); ok {
		typ = id.Name
	}
	switch r := fn.Type.Results.List[0].Type.(type) {
	case *ast.Ident:
		result = r.Name
	case *ast.SelectorExpr:
		if x, ok := r.X.(*ast.Ident); ok {
			result = x.Name + "." + r.Sel.Name
		}
	}
	return typ, result
}

// TestEveryErrorKnowsItsClass holds every exported error type to fault.Error: one that
// does not say its class would end a run as a bug of asof, and one without a kind leaves
// a program nothing to branch on.
func TestEveryErrorKnowsItsClass(t *testing.T) {
	methods := map[string][]string{} // "replay/store.Error" → "Error() string", …
	belowCmd(t, func(path string, _ *token.FileSet, f *ast.File) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			typ, result := methodOf(fn)
			if typ == "" || !ast.IsExported(typ) || fn.Type.Params.NumFields() > 0 {
				continue
			}
			if fn.Name.Name == "Hint" {
				t.Errorf("%s: %s has a Hint(): what to do next is its Remedy()", path, typ)
			}
			key := filepath.ToSlash(filepath.Dir(path)) + "." + typ
			methods[key] = append(methods[key], fn.Name.Name+" "+result)
		}
	})
	found := 0
	for typ, has := range methods {
		if !slices.Contains(has, "Error string") {
			continue
		}
		found++
		for _, want := range []string{"Class fault.Class", "Remedy fault.Remedy", "Fault fault.Kind"} {
			if !slices.Contains(has, want) {
				t.Errorf("%s fails without %s", typ, want)
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d error types were found: the test looks in the wrong place", found)
	}
}

// documents may name flags and commands. No front end speaks in them.
var documents = []string{
	"inspect/audit/report.go",  // README.txt of an export, for an auditor with a shell
	"inspect/audit/key.go",     // what the salts are derived from
	"inspect/audit/sample.go",  // what the sample is derived from
	"inspect/bisect/record.go", // the head of a recorded search, a file for the command line
	"inspect/wire/contract.go", // the table of verbs and their keys
}

// TestNoFlagsBelowCmd holds what the packages below cmd say to naming neither a flag nor
// a command: a remedy names the option, and each front end writes it its own way.
func TestNoFlagsBelowCmd(t *testing.T) {
	var verbs []string
	for _, c := range (&app{}).verbsFor(nil) {
		verbs = append(verbs, c.Name())
	}
	command := regexp.MustCompile(`\basof (` + strings.Join(verbs, "|") + `)\b`)
	flag := regexp.MustCompile(`(^|[^-\w])--[a-z]`)
	belowCmd(t, func(path string, fset *token.FileSet, f *ast.File) {
		if slices.Contains(documents, path) {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			if what := command.FindString(text); what != "" {
				t.Errorf("%s names the command %q", fset.Position(lit.Pos()), what)
			}
			if what := flag.FindString(text); what != "" {
				t.Errorf("%s names a flag: %q", fset.Position(lit.Pos()), text)
			}
			return true
		})
	})
}
