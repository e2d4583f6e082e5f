// Command go is an implementation under test in Go, written from spec/ alone. It speaks the JSON Lines protocol of
// spec/conformance.md on standard input and output.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
