using System.CommandLine;
using OrleansBatch.Benchmarks;

var jobs = new Option<int>("--jobs") { Description = "Jobs in each round of the throughput.", DefaultValueFactory = _ => 2_000 };
var rounds = new Option<int>("--rounds") { Description = "Rounds of the throughput.", DefaultValueFactory = _ => 5 };
var submitters = new Option<int>("--submitters") { Description = "Submissions under way at a time.", DefaultValueFactory = _ => 16 };
var single = new Option<int>("--single") { Description = "Jobs of the latency, one by one.", DefaultValueFactory = _ => 200 };

var latency = new Command("latency", "From SubmitJob to the job's own stamp, and to RUNNING, on an idle scheduler.") { single };
latency.SetAction((arguments, _) => Latency.RunAsync(arguments.GetValue(single)));
var throughput = new Command("throughput", "Jobs per second beside bare process starts.") { jobs, rounds, submitters };
throughput.SetAction((arguments, _) => Throughput.RunAsync(arguments.GetValue(jobs), arguments.GetValue(rounds), arguments.GetValue(submitters)));
var limits = new Command("limits", "Jobs per second with limits on jobs, beside the same without.") { jobs, rounds, submitters };
limits.SetAction((arguments, _) => Limits.RunAsync(arguments.GetValue(jobs), arguments.GetValue(rounds), arguments.GetValue(submitters)));
var children = new Option<int>("--children") { Description = "Children of an array.", DefaultValueFactory = _ => 10_000 };
var arrays = new Command("arrays", "An array's children per second beside as many single jobs; SubmitJob and CancelJob of an array.") { children, rounds, submitters };
arrays.SetAction((arguments, _) => Arrays.RunAsync(arguments.GetValue(children), arguments.GetValue(rounds), arguments.GetValue(submitters)));
var runs = new Option<int>("--runs") { Description = "Runs over each way.", DefaultValueFactory = _ => 30 };
var console = new Command("console", "The whole of a short orleansbatch run, over HTTP and over a gateway.") { runs };
console.SetAction((arguments, _) => ConsoleRun.RunAsync(arguments.GetValue(runs)));
var lives = new Option<int>("--lives") { Description = "Lives of jobs in each round.", DefaultValueFactory = _ => 20_000 };
var callers = new Option<int>("--callers") { Description = "Calls under way at a time.", DefaultValueFactory = _ => 256 };
var durable = new Command("durable", "Whole lives of jobs on PostgreSQL beside bare grains on Orleans' own storage.") { lives, rounds, callers };
durable.SetAction((arguments, _) => Durable.RunAsync(arguments.GetValue(lives), arguments.GetValue(rounds), arguments.GetValue(callers)));
var all = new RootCommand("Measures OrleansBatch beside what the machine can do, in the same run. Build with -c Release.") { latency, throughput, limits, arrays, console, durable };
return await all.Parse(args).InvokeAsync();
