package cmd

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// foldCommand is the application that scripts fold with, as its authors would
// have written it: it keeps how many events there were, the last type and the sum
// of the quantities. An argument has it misbehave:
//
//	crash      at version 7 it ends, with a traceback
//	refuse     at version 7 it says that it can't
//	debug      at version 7 it prints something that is no answer
//	twice      it answers each event twice
//	chatty     it says something on standard error
//	ignore     it has no handler for version 7
func foldCommand() {
	how := ""
	if len(os.Args) > 1 {
		how = os.Args[1]
	}
	type total struct {
		Events int    `json:"events"`
		Last   string `json:"last"`
		Qty    int    `json:"qty"`
	}
	var now total
	if how == "chatty" {
		fmt.Fprintln(os.Stderr, "warming up\nready")
	}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		var ask struct {
			Op    string
			State *total
			Event struct {
				Version int
				Type    string
				Data    struct{ Qty int }
			}
		}
		if err := json.Unmarshal(in.Bytes(), &ask); err != nil {
			panic(err)
		}
		if ask.Op == "init" {
			now = total{}
			answer(map[string]any{"state": now})
			continue
		}
		if ask.State != nil {
			now = *ask.State
		}
		if ask.Event.Version == 7 {
			switch how {
			case "crash":
				fmt.Fprintln(os.Stderr, "Traceback:\n  line 12\nKeyError: 'sku'")
				os.Exit(3)
			case "refuse":
				answer(map[string]any{"error": "no such item"})
				continue
			case "debug":
				fmt.Println("got here")
			case "ignore":
				answer(map[string]any{"unhandled": true})
				continue
			}
		}
		now.Events++
		now.Last = ask.Event.Type
		now.Qty += ask.Event.Data.Qty
		answer(map[string]any{"state": now})
		if how == "twice" {
			answer(map[string]any{"state": now})
		}
	}
}

func answer(v any) {
	if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
		os.Exit(1)
	}
}
