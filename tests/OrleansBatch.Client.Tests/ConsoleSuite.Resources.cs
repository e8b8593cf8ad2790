namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task Queues_lists_all_or_those_named()
    {
        var table = await ConsoleAsync("queues");
        var json = await JsonAsync("queues", "default");

        Assert.Equal(0, table.ExitCode);
        Assert.StartsWith("QUEUE", table.Lines[0], StringComparison.Ordinal);
        Assert.Contains(table.Lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^default +ENABLED +VALID +1 +local$"));
        Assert.Equal("default", (string)Assert.Single(json["jobQueues"]!.AsArray())!["jobQueueName"]!);
        AssertFailed(await ConsoleAsync("queues", "default", "nowhere"), 4, "Could not list the queues.", "Job queue nowhere does not exist.", "orleansbatch queues");
    }

    [Fact]
    public async Task A_queue_is_made_changed_and_deleted()
    {
        var name = Unique("queue");

        Assert.Equal(new(0, $"created {name}\n", ""), await ConsoleAsync("queues", "create", name, "--environment", "local", "--tag", "a=b"));
        Assert.Equal(new(0, $"updated {name}\n", ""), await ConsoleAsync("queues", "update", name, "--priority", "7"));
        Assert.Equal(name, (string)(await JsonAsync("queues", "update", name, "--environment", "roomy", "--environment", "local"))["jobQueueName"]!);
        var queue = (await JsonAsync("queues", name))["jobQueues"]![0]!;
        Assert.Equal((7, "b", 2), ((int)queue["priority"]!, (string)queue["tags"]!["a"]!, queue["computeEnvironmentOrder"]!.AsArray().Count));

        AssertFailed(await ConsoleAsync("queues", "delete", name), 1, "Could not delete the queue.", "must be DISABLED", "--force");
        Assert.Equal(new(0, $"deleted {name}\n", ""), await ConsoleAsync("queues", "delete", name, "--force"));
        AssertFailed(await ConsoleAsync("queues", "delete", name), 4, "Could not delete the queue.", $"Job queue {name} does not exist.", "orleansbatch queues");
    }

    [Fact]
    public async Task A_queue_is_made_from_JSON_and_deleted_once_it_is_disabled()
    {
        var name = Unique("queue");
        var request = """{"jobQueueName":"other","priority":3,"computeEnvironmentOrder":[{"order":1,"computeEnvironment":"local"}]}""";

        var created = await WithInputAsync(request, "queues", "create", name, "--from", "-", "-o", "json");
        Assert.Equal((0, ""), (created.ExitCode, created.Error));
        Assert.Contains($"\"jobQueueName\": \"{name}\"", created.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await ConsoleAsync("queues", "update", name, "--state", "disabled")).ExitCode);
        Assert.Equal(new(0, "{}\n", ""), await ConsoleAsync("queues", "delete", name, "-o", "json"));
    }

    [Fact]
    public async Task A_queue_over_nothing_is_refused()
    {
        AssertFailed(
            await ConsoleAsync("queues", "create", Unique("queue"), "--environment", "nowhere"),
            4, "Could not create the queue.", "nowhere", "orleansbatch environments");
        AssertFailed(await ConsoleAsync("queues", "update", "nowhere", "--priority", "1"), 4, "Could not update the queue.", "nowhere", "orleansbatch queues");
    }

    [Theory]
    [InlineData("queues", "queue")]
    [InlineData("environments", "environment")]
    public async Task Variables_for_jobs_are_set_shown_by_name_and_taken_away(string noun, string one)
    {
        var name = Unique(one);
        Assert.Equal(0, (await ConsoleAsync(noun == "queues" ? ["queues", "create", name, "--environment", "local"] : ["environments", "create", name, "--max-vcpus", "2"])).ExitCode);

        Assert.Equal(new(0, "A\nB\n", ""), await ConsoleAsync(noun, "variables", name, "--set", "B=2", "--set", "A=1=x"));
        Assert.Equal(new(0, "A\nB\n", ""), await ConsoleAsync(noun, "variables", name));
        var arn = (await JsonAsync(noun, name))[noun == "queues" ? "jobQueues" : "computeEnvironments"]![0]![noun == "queues" ? "jobQueueArn" : "computeEnvironmentArn"]!;
        Assert.Equal("C", (string)Assert.Single((await JsonAsync(noun, "variables", (string)arn!, "--set", "C=3"))["names"]!.AsArray())!);
        Assert.Equal(new(0, "", ""), await ConsoleAsync(noun, "variables", name, "--clear"));

        var what = $"Could not set the variables of the {one}.";
        AssertFailed(await ConsoleAsync(noun, "variables", "nowhere"), 4, what, "does not exist", $"orleansbatch {noun}");
        AssertFailed(await ConsoleAsync(noun, "variables", name, "--set", "AWS_BATCH_X=1"), 1, what, "AWS_BATCH_X begins with AWS_BATCH", "--help");
        Assert.Equal(2, (await ConsoleAsync(noun, "variables", name, "--set", "A=1", "--clear")).ExitCode);
        Assert.Equal(0, (await ConsoleAsync(noun, "delete", name, "--force")).ExitCode);
    }

    [Fact]
    public async Task Environments_lists_all_or_those_named()
    {
        var table = await ConsoleAsync("environments");
        var json = await JsonAsync("environments", "roomy");

        Assert.Equal(0, table.ExitCode);
        Assert.StartsWith("ENVIRONMENT", table.Lines[0], StringComparison.Ordinal);
        Assert.Contains(table.Lines, line => System.Text.RegularExpressions.Regex.IsMatch(line, "^roomy +ENABLED +VALID +EC2 +[0-9]+ of 64 "));
        Assert.Equal(64, (int)Assert.Single(json["computeEnvironments"]!.AsArray())!["computeResources"]!["maxvCpus"]!);
        AssertFailed(await ConsoleAsync("environments", "nowhere"), 4, "Could not list the environments.", "nowhere does not exist", "orleansbatch environments");
    }

    [Theory]
    [InlineData("EC2")]
    [InlineData("SPOT")]
    [InlineData("FARGATE")]
    [InlineData("FARGATE_SPOT")]
    public async Task An_environment_is_made_changed_and_deleted(string type)
    {
        var name = Unique("environment");

        Assert.Equal(new(0, $"created {name}\n", ""), await ConsoleAsync("environments", "create", name, "--type", type, "--max-vcpus", "4", "--tag", "a=b"));
        Assert.Equal(new(0, $"updated {name}\n", ""), await ConsoleAsync("environments", "update", name, "--max-vcpus", "8"));
        var environment = (await JsonAsync("environments", name))["computeEnvironments"]![0]!;
        Assert.Equal((8, type), ((int)environment["computeResources"]!["maxvCpus"]!, (string)environment["computeResources"]!["type"]!));

        AssertFailed(await ConsoleAsync("environments", "delete", name), 1, "Could not delete the environment.", "must be DISABLED", "--force");
        Assert.Equal(new(0, "{}\n", ""), await ConsoleAsync("environments", "delete", name, "--force", "-o", "json"));
        AssertFailed(await ConsoleAsync("environments", "delete", name), 4, "Could not delete the environment.", "does not exist", "orleansbatch environments");
    }

    [Fact]
    public async Task An_environment_that_a_queue_uses_is_not_deleted()
    {
        var name = Unique("used");
        Assert.Equal(0, (await ConsoleAsync("environments", "create", name, "--max-vcpus", "1")).ExitCode);
        Assert.Equal(0, (await ConsoleAsync("queues", "create", name, "--environment", name)).ExitCode);

        AssertFailed(
            await ConsoleAsync("environments", "delete", name, "--force"),
            1, "Could not delete the environment.", "JobQueue relationship", "orleansbatch queues");

        Assert.Equal(0, (await ConsoleAsync("queues", "delete", name, "--force")).ExitCode);
        Assert.Equal(0, (await ConsoleAsync("environments", "delete", name, "--force")).ExitCode);
    }

    [Fact]
    public async Task An_environment_without_limits_is_refused_and_one_from_JSON_is_taken_as_it_is()
    {
        var name = Unique("json");

        AssertFailed(await ConsoleAsync("environments", "create", name), 1, "Could not create the environment.", "axvCpus", "--help");
        var created = await WithInputAsync($$"""{"computeEnvironmentName":"{{name}}","type":"UNMANAGED"}""", "environments", "create", "--from", "-", "-o", "json");
        Assert.Equal((0, ""), (created.ExitCode, created.Error));
        Assert.Contains(name, created.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await ConsoleAsync("environments", "delete", name, "--force")).ExitCode);
    }

    [Fact]
    public async Task Definitions_lists_what_is_active()
    {
        var table = await ConsoleAsync("definitions", "shell");
        var json = await JsonAsync("definitions", "shell:1");

        Assert.Equal(0, table.ExitCode);
        Assert.Matches("^DEFINITION +STATUS +NEEDS +COMMAND$", table.Lines[0]);
        Assert.Matches("^shell:1 +ACTIVE +VCPU 1, MEMORY 2048 +/bin/sh -c Ref::command$", table.Lines[1]);
        Assert.Equal("shell", (string)Assert.Single(json["jobDefinitions"]!.AsArray())!["jobDefinitionName"]!);
        Assert.Contains("shell:1", (await ConsoleAsync("definitions")).Out, StringComparison.Ordinal);
        AssertFailed(await ConsoleAsync("definitions", "nothing"), 4, "Could not list the definitions.", "nothing does not exist", "orleansbatch definitions");
    }

    [Fact]
    public async Task A_definition_is_made_changed_run_and_deleted()
    {
        var name = Unique("definition");

        Assert.Equal(
            new(0, $"registered {name}:1\n", ""),
            await ConsoleAsync("definitions", "create", name, "--vcpus", "1", "--memory", "64", "--env", "LEVEL=5", "--parameter", "text=first", "--attempts", "2", "--timeout", "5m", "--", "echo", "Ref::text"));
        Assert.Equal(2, (int)(await JsonAsync("definitions", "update", name, "--parameter", "text=second"))["revision"]!);
        var newest = (await JsonAsync("definitions", $"{name}:2"))["jobDefinitions"]![0]!;
        Assert.Equal((2, 300), ((int)newest["retryStrategy"]!["attempts"]!, (int)newest["timeout"]!["attemptDurationSeconds"]!));
        Assert.Equal("64", (string)newest["containerProperties"]!["resourceRequirements"]!.AsArray().Single(need => (string)need!["type"]! == "MEMORY")!["value"]!);
        Assert.Equal(new(0, "second\n", ""), await ConsoleAsync("run", "--queue", SchedulerFixture.Roomy, "--definition", name));

        Assert.Equal(new(0, $"deregistered {name}:2\n", ""), await ConsoleAsync("definitions", "delete", name));
        Assert.Equal(new(0, "{}\n", ""), await ConsoleAsync("definitions", "delete", name, "--all-revisions", "-o", "json"));
        AssertFailed(await ConsoleAsync("definitions", "delete", name), 4, "Could not delete the definition.", name, "orleansbatch definitions");
        Assert.Equal(3, (await ConsoleAsync("definitions", name, "--all")).Lines.Length);
    }

    [Fact]
    public async Task A_definition_that_breaks_the_rules_is_refused_in_the_scheduler_s_words()
    {
        AssertFailed(await ConsoleAsync("definitions", "create", "no good", "--", "true"), 1, "Could not create the definition.", "no good", "--help");
        AssertFailed(await ConsoleAsync("definitions", "update", "nothing", "--", "true"), 4, "Could not update the definition.", "nothing", "orleansbatch definitions");
        var created = await WithInputAsync("""{"type":"container","containerProperties":{"image":""}}""", "definitions", "register", "x", "--from", "-");
        Assert.Equal(1, created.ExitCode);
    }
}
