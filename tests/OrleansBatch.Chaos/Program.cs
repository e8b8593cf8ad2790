using System.CommandLine;
using OrleansBatch.Chaos;
using OrleansBatch.Chaos.Machine;

var seed = new Option<int>("--seed") { Description = "What load and faults are made from.", DefaultValueFactory = _ => 1 };
var seeds = new Option<int>("--seeds") { Description = "How many seeds, one run after another, from that on.", DefaultValueFactory = _ => 1 };
var minutes = new Option<double>("--minutes") { Description = "How long load and faults go on.", DefaultValueFactory = _ => 1.5 };
var silos = new Option<int>("--silos") { Description = "Silos. One without agents is the scheduler of one machine.", DefaultValueFactory = _ => 3 };
var agents = new Option<int>("--agents") { Description = "Agents.", DefaultValueFactory = _ => 3 };
var lease = new Option<double>("--lease") { Description = "An agent's lease in seconds.", DefaultValueFactory = _ => 60 };
var jobs = new Option<int>("--jobs") { Description = "How many processes of jobs are to start at least.", DefaultValueFactory = _ => 500 };
var vcpus = new Option<int>("--vcpus") { Description = "vCPUs that all jobs together may have.", DefaultValueFactory = _ => 16 };
var loopback = new Option<bool>("--loopback") { Description = "All on loopback, without partitions, also where network namespaces can be had." };
var bug = new Option<string?>("--bug") { Description = "A bug that is to be found, of those in the README; the programs must have been built with -c Planted.", HelpName = "NAME" };
var history = new Option<string?>("--history") { Description = "File for the history: one JSON object a line.", HelpName = "FILE" };
var untilViolated = new Option<bool>("--until-violated") { Description = "End with the first seed on which something was found." };
var keep = new Option<bool>("--keep") { Description = "Keep the run's folder also when nothing was found." };

var command = new RootCommand("Kills, stops and cuts off parts of OrleansBatch under load, and judges what came of it. Exit code 0: no violation.")
{
    seed, seeds, minutes, silos, agents, lease, jobs, vcpus, loopback, bug, untilViolated, history, keep,
};
command.SetAction(async (arguments, cancellationToken) =>
{
    List<ChaosResult> results = [];
    for (var run = 0; run < arguments.GetValue(seeds); run++)
    {
        var result = await ChaosRun.RunAsync(
            new()
            {
                Seed = arguments.GetValue(seed) + run,
                Time = TimeSpan.FromMinutes(arguments.GetValue(minutes)),
                Silos = arguments.GetValue(silos),
                Agents = arguments.GetValue(agents),
                Lease = TimeSpan.FromSeconds(arguments.GetValue(lease)),
                Jobs = arguments.GetValue(jobs),
                MaxVcpus = arguments.GetValue(vcpus),
                OnLoopback = arguments.GetValue(loopback),
                Bug = arguments.GetValue(bug),
                History = arguments.GetValue(history),
                Keep = arguments.GetValue(keep),
            },
            line => Console.WriteLine($"{DateTime.Now:HH:mm:ss} {line}"),
            cancellationToken);
        Console.WriteLine(result.Report());
        results.Add(result);
        if (result.Violations.Count > 0 && arguments.GetValue(untilViolated))
        {
            break;
        }
    }

    Console.WriteLine($"\n{ChaosResult.RowHead}\n{string.Join('\n', results.Select(result => result.Row))}");
    return results.All(result => result.Violations.Count == 0) ? 0 : 1;
});
var folder = new Argument<string>("folder") { Description = "The run's folder." };
var clear = new Command("clear", "Ends what a dead run left, and removes its network and its folder. The run's watcher calls it.") { folder };
clear.SetAction((arguments, _) => RunFolder.ClearAsync(arguments.GetValue(folder)!));
command.Add(clear);
return await command.Parse(args).InvokeAsync();
