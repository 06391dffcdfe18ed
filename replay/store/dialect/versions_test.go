package dialect

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// aVersion matches the versions of a library: 1.2, 2 to 4, 2 and 3, 6 and later, or
// Framework 5.
var aVersion = regexp.MustCompile(`\b\d+\.\d+|\b\d+ (?:to|and) (?:\d+|later)|(?:Framework|version|[A-Z]\w+|,) \d\b`)

// TestDialectsNameVersions checks that the documentation of every dialect names the versions
// of the library that it covers.
func TestDialectsNameVersions(t *testing.T) {
	docs := map[string]string{}   // by identifier: the documentation of it, and of what uses it
	inFile := map[string]string{} // by file: all of it
	fset := token.NewFileSet()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "all.go" {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			var doc *ast.CommentGroup
			switch d := d.(type) {
			case *ast.FuncDecl:
				doc = d.Doc
			case *ast.GenDecl:
				doc = d.Doc
			}
			text := strings.Join(strings.Fields(doc.Text()), " ")
			inFile[name] += text + "\n"
			ast.Inspect(d, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					docs[n.Name] += text + "\n"
				case *ast.BasicLit:
					docs[n.Value] += text + "\n"
				}
				return true
			})
		}
	}
	check := func(name string, match any) {
		f := runtime.FuncForPC(reflect.ValueOf(match).Pointer())
		full := f.Name()
		parts := strings.FieldsFunc(full[strings.LastIndexByte(full, '/')+1:], func(r rune) bool { return strings.ContainsRune(".[]", r) })
		all := docs[`"`+name+`"`]
		for _, p := range parts[1:] {
			if !strings.HasPrefix(p, "func") {
				all += docs[p]
			}
		}
		if strings.TrimSpace(all) == "" { // a function without a name
			file, _ := f.FileLine(f.Entry())
			all = inFile[filepath.Base(file)]
		}
		if !aVersion.MatchString(all) {
			t.Errorf("%s (%s): no version in\n%s", name, full, all)
		}
	}
	for _, d := range SQLite() {
		check(d.Name, d.Match)
	}
	for _, d := range Postgres() {
		check(d.Name, d.Match)
	}
	for _, d := range MySQL() {
		check(d.Name, d.Match)
	}
	if names := strings.Fields("1.2 2to4"); slices.ContainsFunc(names[1:], aVersion.MatchString) || aVersion.MatchString("16 bytes of 2 rows") {
		t.Error("anything is a version")
	}
}
