module example.org/ctor/go

go 1.24
