using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Certificates;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Commands;

/// <summary><c>certificates</c>: a cluster's own authority, and what it issues. Needs no scheduler.</summary>
internal static class CertificatesCommand
{
    private const int UsualDays = 825;

    public static Command Create(CommandServices services) => new BatchCommand(
        services,
        "certificates",
        "Makes the certificates with which silos, nodes and consoles of a cluster know each other.",
        "certificates create pki --silo silo-1 --silo silo-2,10.0.0.2 --node worker-1")
    {
        CreateCreate(services),
    };

    private static BatchCommand CreateCreate(CommandServices services)
    {
        var directory = new Argument<string>("DIR") { Description = "Folder for the files. An authority that is in it already issues the new certificates, too." };
        var silos = new Option<string[]>("--silo")
        {
            Description = "A silo, by the host name or address at which agents find it; further ones behind commas. Repeat it for each silo.",
            HelpName = "HOST[,HOST...]",
        };
        var nodes = new Option<string[]>("--node")
        {
            Description = "A node, by a name for its files, or by its id (i- and 17 hexadecimal digits); by a name its id is made. Repeat it for each node.",
            HelpName = "NAME",
        };
        var clients = new Option<string[]>("--client")
        {
            Description = "A console that uses --gateway. Repeat it for each.",
            HelpName = "NAME",
        };
        var days = new Option<int>("--days")
        {
            Description = "How long the certificates are valid: 1 to 3650. The authority is for ten years.",
            HelpName = "N",
            DefaultValueFactory = _ => UsualDays,
        };
        var command = new BatchCommand(
            services,
            "create",
            """
            Makes certificates and keys as PEM files, readable by their owner alone. Nothing is overwritten.
            ca.crt goes to everybody; ca.key makes more certificates, so keep it to yourself. Each silo, node and console gets its own .crt and .key.
            """,
            "certificates create pki --silo silo-1 --silo silo-2 --node worker-1 --node worker-2 --client ops",
            "certificates create pki --node worker-3 -o json")
        {
            directory, silos, nodes, clients, days,
        };
        return command.DoesHere("make certificates", (parsed, terminal, format) =>
        {
            if (parsed.GetValue(days) is var count and (< 1 or > 3650))
            {
                throw new UsageException($"--days must be 1 to 3650. It is {count}.");
            }

            var folder = new CertificateFolder(parsed.GetValue(directory)!, terminal.Time.GetUtcNow(), TimeSpan.FromDays(parsed.GetValue(days)));
            var made = folder.Make(parsed.GetValue(silos) ?? [], parsed.GetValue(nodes) ?? [], parsed.GetValue(clients) ?? []);
            if (format == OutputFormat.Json)
            {
                terminal.Out.WriteJson(made, CertificatesJson.Default.CertificatesMade);
            }
            else
            {
                Write(terminal, made);
            }

            return ExitCodes.Done;
        });
    }

    private static void Write(Terminal terminal, CertificatesMade made)
    {
        var table = Tables.Of("ROLE", "NAME", "HOSTS", "CERTIFICATE", "KEY", "VALID UNTIL");
        table.Add("authority", made.Authority.IsNew ? "(new)" : "(as it was)", "", made.Authority.Certificate, made.Authority.Key, Day(made.Authority.ValidUntil));
        foreach (var each in made.Certificates)
        {
            table.Add(each.Role, each.Name, string.Join(',', each.Hosts), each.Certificate, each.Key, Day(each.ValidUntil));
        }

        terminal.Write(table);
    }

    private static string Day(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
